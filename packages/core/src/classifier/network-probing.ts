/** @file What a few images show of a network: whether they depend on each other or on chance, and what its outputs are. */

import { InputError } from '../errors.ts';
import type { FloatImages, Images } from '../image/images.ts';
import { couplingOf, type Difference, isBlindAlone } from './coupling.ts';
import { NAMES } from './names.ts';
import type { NetworkSessions } from './network-sessions.ts';
import { batchOf, farImages, probeImages } from './probes.ts';
import { checkedReading, type ScoreReading } from './score-reading.ts';

/** What was found. */
export interface Probed {
  /** The sessions to go on with; those given are not to be used any more. */
  readonly sessions: NetworkSessions;
  /** What the user should know; each a sentence. */
  readonly notices: readonly string[];
}

/**
 * Shows a network some images, and reads its outputs otherwise or gives it one image at a time where they say so.
 *
 * @param where the network's name
 * @param draws of which means are taken, where the network is random
 * @throws InputError where an image's scores depend on the images beside it and one alone has none, or the card says of the
 * outputs what they are not
 */
export async function probe(sessions: NetworkSessions, where: string, draws = 1): Promise<Probed> {
  const { plan, ends, network } = sessions;
  const { shape, batch } = plan;
  const notices: string[] = [];
  const logits = async (images: Images): Promise<Float32Array> => (await sessions.score(images, [NAMES.logits]))[0];
  const { chance, company, failure } = await couplingOf(shape, batch, await sessions.mostImages(), logits);
  if (chance !== undefined) {
    notices.push(
      `${where} is random: it says something else of the same image each time (${twoLogits(chance, 'once', 'once more')}), so figures are those of ${draws === 1 ? 'single draws' : `means over ${draws} draws`} and no run repeats another to the byte; export it for inference (model.eval() in PyTorch) if that is not meant${draws === 1 ? `, or take means with "draws": 10 in the card` : ''}`,
    );
  }
  if (company !== undefined) {
    const what = `${where} scores an image by the images beside it (${twoLogits(company, batch === undefined ? 'alone' : 'beside copies of it', 'beside others')})`;
    const remedy = 'export it for inference (model.eval() in PyTorch)';
    if (batch !== undefined) throw new InputError(`${what}, so its scores say nothing of one image; ${remedy}`);
    if (await isBlindAlone(shape, logits)) {
      throw new InputError(`${what}, and says the same of every image alone, so nothing can be said of one; ${remedy}`);
    }
    notices.push(`${what}, so it is run on one image at a time, which is slow; ${remedy}`);
  }
  if (failure !== undefined) {
    notices.push(
      `${where} is run on one image at a time, which is slow: several in one call fail (${firstLine(failure)}); export it with an open batch axis (dynamic_axes in PyTorch)`,
    );
  }
  const alone = company !== undefined || failure !== undefined;
  const asked = alone ? await sessions.readAs(ends.reading, true) : sessions;
  try {
    const reading = await checkedReading(
      ends.reading,
      { network, output: ends.output, count: ends.outputCount, where },
      {
        rows: await outputs(asked, batchOf(shape, probeImages(shape))),
        beyond: () => outputs(asked, farImages(shape)),
      },
    );
    if (reading.isContradicted) notices.push(`${where}: ${reading.why}`);
    return { sessions: await asked.readAs(reading, alone), notices };
  } catch (error) {
    await asked.dispose();
    throw error;
  }
}

/** What the network itself puts out for images, as far as it was read rightly, in rows. */
async function outputs(sessions: NetworkSessions, images: Images | FloatImages): Promise<readonly Float32Array[]> {
  const { outputCount, numClasses, reading } = sessions.ends;
  const [data] = await sessions.score(images, [outputsOf(reading)]);
  // A single output is the score of the second class.
  return Array.from({ length: images.count }, (_, row) =>
    data.slice((row + 1) * numClasses - outputCount, (row + 1) * numClasses),
  );
}

function outputsOf({ kind }: ScoreReading): string {
  return kind === 'logits' ? NAMES.logits : NAMES.probabilities;
}

function twoLogits({ classIndex, values }: Difference, one: string, other: string): string {
  const [first, second] = values.map((value) => value.toPrecision(3));
  return `the logit of class ${classIndex} is ${first} ${one} and ${second} ${other}`;
}

function firstLine(text: string): string {
  const [line = ''] = text.split('\n');
  return line.length > 160 ? `${line.slice(0, 160)}...` : line;
}
