/** @file The papers that claims are from, as BibTeX. */

/** What an entry has; all of it is printed. */
interface Paper {
  readonly type: 'inproceedings' | 'article' | 'misc';
  readonly fields: Readonly<Record<string, string>>;
}

/** By their keys. */
export const BIBLIOGRAPHY = {
  nguyen2015fooled: {
    type: 'inproceedings',
    fields: {
      author: 'Nguyen, Anh and Yosinski, Jason and Clune, Jeff',
      title: '{Deep Neural Networks are Easily Fooled: High Confidence Predictions for Unrecognizable Images}',
      booktitle: 'Proceedings of the IEEE Conference on Computer Vision and Pattern Recognition (CVPR)',
      year: '2015',
      eprint: '1412.1897',
      archiveprefix: 'arXiv',
    },
  },
  nguyen2015innovation: {
    type: 'inproceedings',
    fields: {
      author: 'Nguyen, Anh and Yosinski, Jason and Clune, Jeff',
      title: '{Innovation Engines: Automated Creativity and Improved Stochastic Optimization via Deep Learning}',
      booktitle: 'Proceedings of the Genetic and Evolutionary Computation Conference (GECCO)',
      year: '2015',
    },
  },
  nguyen2016synthesizing: {
    type: 'inproceedings',
    fields: {
      author: 'Nguyen, Anh and Dosovitskiy, Alexey and Yosinski, Jason and Brox, Thomas and Clune, Jeff',
      title: '{Synthesizing the preferred inputs for neurons in neural networks via deep generator networks}',
      booktitle: 'Advances in Neural Information Processing Systems (NIPS)',
      year: '2016',
      eprint: '1605.09304',
      archiveprefix: 'arXiv',
    },
  },
  goodfellow2014generative: {
    type: 'inproceedings',
    fields: {
      author:
        'Goodfellow, Ian and Pouget-Abadie, Jean and Mirza, Mehdi and Xu, Bing and Warde-Farley, David and Ozair, Sherjil and Courville, Aaron and Bengio, Yoshua',
      title: '{Generative Adversarial Nets}',
      booktitle: 'Advances in Neural Information Processing Systems (NIPS)',
      year: '2014',
      eprint: '1406.2661',
      archiveprefix: 'arXiv',
    },
  },
  goodfellow2015explaining: {
    type: 'inproceedings',
    fields: {
      author: 'Goodfellow, Ian J. and Shlens, Jonathon and Szegedy, Christian',
      title: '{Explaining and Harnessing Adversarial Examples}',
      booktitle: 'International Conference on Learning Representations (ICLR)',
      year: '2015',
      eprint: '1412.6572',
      archiveprefix: 'arXiv',
    },
  },
  hein2019relu: {
    type: 'inproceedings',
    fields: {
      author: 'Hein, Matthias and Andriushchenko, Maksym and Bitterwolf, Julian',
      title:
        '{Why ReLU Networks Yield High-Confidence Predictions Far Away From the Training Data and How to Mitigate the Problem}',
      booktitle: 'Proceedings of the IEEE/CVF Conference on Computer Vision and Pattern Recognition (CVPR)',
      year: '2019',
      eprint: '1812.05720',
      archiveprefix: 'arXiv',
    },
  },
} as const satisfies Readonly<Record<string, Paper>>;

/** Key of a paper in the bibliography. */
export type PaperKey = keyof typeof BIBLIOGRAPHY;

/**
 * Entries of a BibTeX file: the papers of some claims, and this software.
 *
 * @param version of the software
 */
export function bibtex(claims: readonly { readonly papers?: readonly PaperKey[] }[], version: string): string {
  const keys = [...new Set(claims.flatMap(({ papers = [] }) => papers))];
  const software: Paper = {
    type: 'misc',
    fields: {
      title: '{Pareidolia}: fooling images and adversarial examples for image classifiers',
      version,
      note: 'Software, MIT licence',
    },
  };
  return [...keys.map((key) => entry(key, BIBLIOGRAPHY[key])), entry('pareidolia', software)].join('\n');
}

function entry(key: string, { type, fields }: Paper): string {
  const lines = Object.entries(fields).map(([name, value]) => `  ${name} = {${value}},\n`);
  return `@${type}{${key},\n${lines.join('')}}\n`;
}
