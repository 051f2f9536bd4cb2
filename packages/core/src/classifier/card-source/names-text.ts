/** @file Lists of class names, a line each: `labels.txt` and its like. */

import type { SidecarFormat } from './card-part.ts';
import { namesOfLines } from './class-names.ts';

export const namesText: SidecarFormat = {
  name: 'names of classes, a line each',
  files: [
    '{model}.labels.txt',
    '{model}_labels.txt',
    '{model}.classes.txt',
    '{model}.names',
    'labels.txt',
    'classes.txt',
    'class_names.txt',
    'synset_words.txt',
    'synset.txt',
    'imagenet_classes.txt',
  ],
  reads: '`classNames`; numbers in front that count the lines, and those of WordNet, are left out',
  parse: (text) => {
    const classNames = namesOfLines(text);
    if (classNames === undefined) throw new Error('it has fewer than two lines, or an empty one between others');
    return { fields: { classNames }, notices: [] };
  },
};
