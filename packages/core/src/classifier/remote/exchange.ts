/** @file What is exchanged with a server: one request, one response, and the few things of the machine that are needed for it. */

import type { ImageShape } from '../../image/images.ts';

/** A request to a server. */
export interface RemoteRequest {
  readonly method: 'GET' | 'POST' | 'PUT';
  readonly url: string;
  /** Beside those of the content type, which follows from the body. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: RemoteBody;
}

/** What a request holds. */
export type RemoteBody =
  | { readonly kind: 'json'; readonly text: string }
  | { readonly kind: 'png'; readonly png: Uint8Array }
  /** A form (`multipart/form-data`) with a PNG file in one field. */
  | {
      readonly kind: 'form';
      readonly fields: Readonly<Record<string, string>>;
      readonly file: string;
      readonly png: Uint8Array;
    };

/** The whole answer to a request. */
export interface RemoteResponse {
  readonly status: number;
  readonly text: string;
}

/** What a remote classifier needs of the machine. */
export interface RemoteHost {
  /**
   * Sends a request; retries, limits and concurrency are its own affair.
   *
   * @throws InputError where no whole response comes
   */
  send(request: RemoteRequest): Promise<RemoteResponse>;
  /** Encodes one image, `C x H x W`, as PNG. */
  png(pixels: Uint8Array, shape: ImageShape): Promise<Uint8Array>;
  /** A hash in hexadecimal, at least 128 bits of it. */
  hash(bytes: Uint8Array): string;
  /**
   * Replaces each `${NAME}` by the value of that variable of the environment.
   *
   * @throws InputError where there is none
   */
  expand(text: string): string;
  /** Takes secrets out of a text that comes from a server, before it is quoted. */
  redact(text: string): string;
  /** Requests that are under way at the same time, at most. */
  readonly concurrency: number;
}

/** What a server says of one image. */
export interface RemoteAnswer {
  /** One number for each class, or for each of {@link names}. */
  readonly scores?: readonly number[];
  /** The classes of {@link scores}, where they are told by name. */
  readonly names?: readonly string[];
  /** The class alone, by name or place. */
  readonly label?: string | number;
  /** Whether the service says that it has flagged or blocked the image. */
  readonly flagged?: true;
}

/** Answers that are kept, so that no image is asked about twice. */
export interface QueryMemory {
  /**
   * The answer about an image, where there is one.
   *
   * @param key of an image: a hash of what is sent
   */
  get(key: string): RemoteAnswer | undefined;
  /** Keeps the answers of one response. */
  add(answers: readonly (readonly [key: string, answer: RemoteAnswer])[]): void;
}
