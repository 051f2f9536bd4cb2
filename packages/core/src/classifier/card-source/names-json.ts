/** @file Tables of class names as JSON. */

import type { SidecarFormat } from './card-part.ts';
import { namesOfTable } from './class-names.ts';

export const namesJson: SidecarFormat = {
  name: 'names of classes as JSON',
  files: [
    'labels.json',
    'classes.json',
    'class_names.json',
    'id2label.json',
    'class_indices.json',
    'imagenet_class_index.json',
  ],
  reads:
    '`classNames`: a list, names by number, numbers by name, or pairs of a WordNet number and a name by number (Keras)',
  parse: (text) => {
    const classNames = namesOfTable(JSON.parse(text));
    if (classNames === undefined) throw new Error('it is no list of names, and no table of names and numbers from 0');
    return { fields: { classNames }, notices: [] };
  },
};
