/** @file What a protocol is: how a model is asked what it takes, how images are sent, and how scores are read. */

import type { FloatImages, Images } from '../../image/images.ts';
import type { ModelCard } from '../card.ts';
import type { InputPlan } from '../input.ts';
import type { RemoteAnswer, RemoteHost, RemoteRequest } from './exchange.ts';

/** The model that is asked. */
export interface RemoteSubject {
  /** Its address, without user and password. */
  readonly url: string;
  /** The address without secrets, for messages. */
  readonly where: string;
  readonly card: ModelCard;
  readonly host: RemoteHost;
}

/** A protocol, agreed upon with one server. */
export interface Dialogue {
  readonly plan: Pick<InputPlan, 'shape' | 'origin'>;
  /** What images are sent as: the bytes of a file, or numbers in floating point. */
  readonly sends: 'bytes' | 'floats';
  /** Images in one request, at most; any number when absent. */
  readonly most?: number;
  /** Whether every request has to have that many. */
  readonly isFixed?: boolean;
  /** What the server says of its model, without secrets: a change of it is a change of the model. */
  readonly metadata: unknown;
  /** The name of what is read as scores, for messages. */
  readonly output: string;
  /** The request for some images, as {@link sends} says. */
  request(images: Images | FloatImages): Promise<RemoteRequest>;
  /**
   * Reads what came back.
   *
   * @param json the parsed body
   * @param count images that were asked about
   * @throws InputError where it is not what the protocol says
   */
  read(json: unknown, count: number): readonly RemoteAnswer[];
}

/** A protocol of model servers. */
export interface RemoteProtocol {
  readonly name: string;
  /** Whether it is spoken at the path of an address, or for a card. */
  speaks(path: string, card: ModelCard): boolean;
  /** @throws InputError where the server's model takes no images, or the card disagrees */
  open(subject: RemoteSubject): Promise<Dialogue>;
}
