/** @file `pareidolia data`: its parts, options and help. */

import { Argument, Command } from 'commander';
import { suggestValues } from '../completion/suggested-values.ts';
import { CATALOG } from '../data/catalog/items.ts';

const HELP = `
Files go to the folder in PAREIDOLIA_DATA, or else to the user's cache folder, where the other commands look for them:
mnist, fashion-mnist and cifar10 for --data, models/<name>.onnx for --model with the path that is printed.

Without a network: put the files there by hand; "pareidolia data list --json" has their names, addresses and checksums, and
"pareidolia data verify" says whether they are right.

Examples:
  pareidolia data list
  pareidolia data fetch mnist squeezenet1.1-7
  pareidolia data verify`;

const NAMES = CATALOG.map(({ name }) => name);

export function dataCommand(): Command {
  const command = new Command('data').addHelpText('after', HELP);
  command
    .command('list')
    .description('list the data sets and networks that can be fetched, and which are there')
    .option('--json', 'print one JSON object on stdout, with addresses and checksums')
    .action(async ({ json }: { json?: boolean }) => {
      const { runDataList } = await import('./data-action.ts');
      runDataList(json === true);
    });
  command
    .command('fetch')
    .description('fetch data sets or networks, check them, and go on with what was interrupted')
    .addArgument(suggestValues(new Argument('<names...>', 'their names, or all'), ['all', ...NAMES]))
    .option('--json', 'print one JSON object on stdout, and all else on stderr')
    .action(async (names: readonly string[], { json }: { json?: boolean }) => {
      const { runDataFetch } = await import('./data-action.ts');
      await runDataFetch(names, json === true);
    });
  command
    .command('verify')
    .description('compare the files that are there with their published checksums; exit code 1 where one differs')
    .addArgument(suggestValues(new Argument('[names...]', 'their names (default: what is there)'), NAMES))
    .option('--json', 'print one JSON object on stdout')
    .action(async (names: readonly string[], { json }: { json?: boolean }) => {
      const { runDataVerify } = await import('./data-action.ts');
      await runDataVerify(names, json === true);
    });
  return command;
}
