/** @file The registry of files beside a model that are read where a card leaves fields open. */

import type { CardPart, SidecarFormat } from './card-part.ts';
import { huggingFaceConfig } from './hugging-face-config.ts';
import { huggingFacePreprocessor } from './hugging-face-preprocessor.ts';
import { namesJson } from './names-json.ts';
import { namesText } from './names-text.ts';
import { paddle } from './paddle.ts';
import { teachableMachine } from './teachable-machine.ts';
import { timm } from './timm.ts';

/** All kinds of files, those that say more of the network first: of two that give a field the first one is used. */
export const SIDECARS: readonly SidecarFormat[] = [
  huggingFacePreprocessor,
  timm,
  huggingFaceConfig,
  paddle,
  teachableMachine,
  namesText,
  namesJson,
];

/** A file beside a model. */
export interface Sidecar {
  readonly file: string;
  readonly part: CardPart;
}

/**
 * What files beside a model say of its card.
 *
 * @param stem the model's name without `.onnx`
 * @param read the text of a file beside the model; `undefined` where there is none of that name
 * @returns those that say something or cannot be used, in the order of {@link SIDECARS}
 */
export function readSidecars(stem: string, read: (file: string) => string | undefined): readonly Sidecar[] {
  return SIDECARS.flatMap((format) =>
    format.files.flatMap((pattern): Sidecar[] => {
      const file = pattern.replace('{model}', stem);
      try {
        const text = read(file);
        const part = text === undefined ? undefined : format.parse(text);
        if (part === undefined) return [];
        const notices = part.notices.map((notice) => `${file}: ${notice}`);
        return notices.length === 0 && Object.keys(part.fields).length === 0
          ? []
          : [{ file, part: { ...part, notices } }];
      } catch (error) {
        const message = error instanceof Error ? error.message : String(error);
        const [reason = ''] = message.split('\n');
        return [{ file, part: { fields: {}, notices: [`${file} is not used: ${reason.slice(0, 160)}`] } }];
      }
    }),
  );
}
