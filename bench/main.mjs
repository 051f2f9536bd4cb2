/**
 * @file `npm run bench [name ...]`: what the project measures, as ratios taken within one run, since machines differ and
 * are shared. Each bench is a file beside this one with `bench(print)`. `PAREIDOLIA_BENCH_SECONDS=1` tries the gradient and
 * training benches out. Some take long, and run only where they are named.
 */

const BENCHES = [
  'rendering',
  'search',
  'gradient',
  'attacks',
  'training',
  'gan',
  'memory',
  'startup',
  'studio',
  'classroom',
  'quality',
];

/** Those that take long: only where they are named. */
const LONG = ['encodings', 'optimality', 'emitters', 'imagenet', 'sphere'];

const wanted = process.argv.slice(2);
const unknown = wanted.filter((name) => ![...BENCHES, ...LONG].includes(name));
if (unknown.length > 0) {
  console.error(`No bench is called ${unknown.join(', ')}; there are ${[...BENCHES, ...LONG].join(', ')}`);
  process.exit(2);
}
for (const name of wanted.length > 0 ? wanted : BENCHES) {
  console.log(`\n== ${name}`);
  const { bench } = await import(`./${name}.mjs`);
  await bench((line) => console.log(line));
}
