/**
 * @file Data sets and networks that `pareidolia data fetch` knows: where their publishers have them, and their checksums, as published
 * beside them or by several programs that load them.
 */

/** Checksums in hexadecimal; at least one of them. */
export interface Checksum {
  readonly sha256?: string;
  readonly md5?: string;
}

/** A file to fetch. */
export interface CatalogFile {
  /** Below the data folder, with `/`. */
  readonly path: string;
  /** Where it is, the first that answers is taken. */
  readonly urls: readonly string[];
  /** In bytes, where it is published. */
  readonly bytes?: number;
  readonly checksum: Checksum;
  /** Of what a `.gz` file contains, so that one that somebody packed anew is known as well. */
  readonly unpacked?: Checksum;
  /** Where it is an archive: the files that are taken out of it, by their names in it; the archive is not kept. */
  readonly members?: Readonly<Record<string, { readonly path: string; readonly bytes: number }>>;
}

/** What is fetched under one name. */
export interface CatalogItem {
  readonly name: string;
  readonly summary: string;
  readonly licence: string;
  readonly files: readonly CatalogFile[];
  /** Model cards that are written beside networks, by the network's path. */
  readonly cards?: Readonly<Record<string, object>>;
}

const GZ = ['train-images-idx3', 'train-labels-idx1', 't10k-images-idx3', 't10k-labels-idx1'] as const;

function idx(
  folder: string,
  places: readonly string[],
  checksums: Readonly<Record<(typeof GZ)[number], Pick<CatalogFile, 'bytes' | 'checksum' | 'unpacked'>>>,
): readonly CatalogFile[] {
  return GZ.map((name) => ({
    path: `${folder}/${name}-ubyte.gz`,
    urls: places.map((place) => `${place}/${name}-ubyte.gz`),
    ...checksums[name],
  }));
}

const MNIST: CatalogItem = {
  name: 'mnist',
  summary: '70,000 handwritten digits, 28 x 28, grey (LeCun et al. 1998)',
  licence: 'commonly given as CC BY-SA 3.0',
  files: idx(
    'mnist',
    ['https://storage.googleapis.com/cvdf-datasets/mnist', 'https://ossci-datasets.s3.amazonaws.com/mnist'],
    {
      'train-images-idx3': {
        bytes: 9_912_422,
        checksum: { sha256: '440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609' },
        unpacked: { md5: '6bbc9ace898e44ae57da46a324031adb' },
      },
      'train-labels-idx1': {
        bytes: 28_881,
        checksum: { sha256: '3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c' },
        unpacked: { md5: 'a25bea736e30d166cdddb491f175f624' },
      },
      't10k-images-idx3': {
        bytes: 1_648_877,
        checksum: { sha256: '8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6' },
        unpacked: { md5: '2646ac647ad5339dbf082846283269ea' },
      },
      't10k-labels-idx1': {
        bytes: 4_542,
        checksum: { sha256: 'f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6' },
        unpacked: { md5: '27ae3e4e09519cfbb04c329615203637' },
      },
    },
  ),
};

const FASHION_MNIST: CatalogItem = {
  name: 'fashion-mnist',
  summary: '70,000 pictures of clothes, 28 x 28, grey (Xiao, Rasul and Vollgraf 2017)',
  licence: 'MIT',
  files: idx(
    'fashion-mnist',
    [
      'https://raw.githubusercontent.com/zalandoresearch/fashion-mnist/master/data/fashion',
      'http://fashion-mnist.s3-website.eu-central-1.amazonaws.com',
    ],
    {
      'train-images-idx3': { checksum: { md5: '8d4fb7e6c68d591d4c3dfef9ec88bf0d' } },
      'train-labels-idx1': { checksum: { md5: '25c81989df183df01b3e8a0aad5dffbe' } },
      't10k-images-idx3': { checksum: { md5: 'bef4ecab320f06d8554ea6380940ec79' } },
      't10k-labels-idx1': { checksum: { md5: 'bb300cfdad3c16e7a12a480ee83cd310' } },
    },
  ),
};

const CIFAR_BATCH = 30_730_000;
const CIFAR_FOLDER = 'cifar-10-batches-bin';

const CIFAR10: CatalogItem = {
  name: 'cifar10',
  summary: '60,000 photographs of ten classes, 32 x 32, color (Krizhevsky 2009)',
  licence: 'none stated by its author',
  files: [
    {
      path: 'cifar10/cifar-10-binary.tar.gz',
      urls: ['https://www.cs.toronto.edu/~kriz/cifar-10-binary.tar.gz'],
      bytes: 170_052_171,
      checksum: {
        md5: 'c32a1d4ab5d03f1284b67883e8d87530',
        sha256: 'c4a38c50a1bc5f3a1c5537f2155ab9d68f9f25eb1ed8d9ddda3db29a59bca1dd',
      },
      members: Object.fromEntries(
        [...[1, 2, 3, 4, 5].map((number) => `data_batch_${number}.bin`), 'test_batch.bin'].map((name) => [
          `${CIFAR_FOLDER}/${name}`,
          { path: `cifar10/${name}`, bytes: CIFAR_BATCH },
        ]),
      ),
    },
  ],
};

/** How most networks for ImageNet were trained to be shown photographs. */
const IMAGENET_CARD = {
  color: 'rgb',
  mean: [0.485, 0.456, 0.406],
  deviation: [0.229, 0.224, 0.225],
  resize: { mode: 'crop', shorterSide: 256 },
  dataset: 'imagenet',
  licence: 'Apache-2.0',
  source: 'ONNX Model Zoo',
};

/** The commit of the model zoo that the addresses name. */
const ZOO =
  'https://media.githubusercontent.com/media/onnx/models/4c46cd00fbdb7cd30b6c1c17ab54f2e1f4f7b177/validated/vision/classification';

function zoo(
  name: string,
  folder: string,
  summary: string,
  file: Pick<CatalogFile, 'bytes' | 'checksum'>,
): CatalogItem {
  const path = `models/${name}.onnx`;
  return {
    name,
    summary,
    licence: 'Apache-2.0',
    files: [
      {
        path,
        urls: [
          `${ZOO}/${folder}/model/${name}.onnx`,
          `https://huggingface.co/onnxmodelzoo/${name}/resolve/main/${name}.onnx`,
        ],
        ...file,
      },
    ],
    cards: { [path]: IMAGENET_CARD },
  };
}

/** In the order in which they are listed. */
export const CATALOG: readonly CatalogItem[] = [
  MNIST,
  FASHION_MNIST,
  CIFAR10,
  zoo('squeezenet1.1-7', 'squeezenet', '1,000 classes of ImageNet, 1.2 million parameters (Iandola et al. 2016)', {
    bytes: 4_956_208,
    checksum: { sha256: '1eeff551a67ae8d565ca33b572fc4b66e3ef357b0eb2863bb9ff47a918cc4088' },
  }),
  zoo('mobilenetv2-7', 'mobilenet', '1,000 classes of ImageNet, 3.5 million parameters (Sandler et al. 2018)', {
    bytes: 14_246_826,
    checksum: { sha256: 'c1c513582d56afceff8516c73804e484c81c6a830712ab6d682253f4a3cd042f' },
  }),
];
