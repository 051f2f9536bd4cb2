/** @file What all classifiers have in common that stand in front of another one. */

import type { Classifier } from './classifier.ts';

/** A classifier that hands everything to another one, but for what is given in its place. */
export function wrapped(inner: Classifier, changes: Partial<Classifier>): Classifier {
  const { shape, numClasses, classNames, where, gradientKind, answers, noGradient, refusedClass, features } = inner;
  return {
    shape,
    numClasses,
    classNames,
    where,
    ...(gradientKind === undefined ? {} : { gradientKind }),
    ...(answers === undefined ? {} : { answers }),
    ...(noGradient === undefined ? {} : { noGradient }),
    ...(refusedClass === undefined ? {} : { refusedClass }),
    predict: (images, between) => inner.predict(images, between),
    logits: (images, between) => inner.logits(images, between),
    gradient: (images, objective, between) => inner.gradient(images, objective, between),
    ...(features === undefined ? {} : { features: features.bind(inner) }),
    ...changes,
  };
}
