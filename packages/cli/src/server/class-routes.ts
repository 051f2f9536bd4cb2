/**
 * @file What pupils ask the server for: to join the quiz of a class, to be shown the next question, to answer it. It needs no token, and
 * gives none: a pupil's secret is known to the classroom alone.
 */

import { type Classroom, PupilRefused } from '@pareidolia/studio';
import { decodeMessage, encodeMessage, type MessageLimits } from '@pareidolia/studio/wire';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';

const MESSAGE = 'application/msgpack';

/** What a pupil sends: `{ code }`, `{ pupil, has }` or `{ pupil, place, choice }`. */
const LIMITS: Partial<MessageLimits> = { depth: 1, values: 16, bytes: 1024 };

const CLOSED = 'No quiz is open here now; wait for a code on the screen';
const UNREADABLE = 'The request cannot be read; reload the page';
const TOO_LARGE = 'This is larger than any answer to a quiz';

type Fields = Readonly<Record<string, unknown>>;

export function addClassRoutes(server: FastifyInstance, classroom: Classroom): void {
  const refused = (reply: FastifyReply, status: number, error: string) =>
    // Nor is the connection kept for a body that may follow.
    reply
      .code(status)
      .header('Connection', 'close')
      .type(MESSAGE)
      .send(Buffer.from(encodeMessage({ error })));
  const route = (path: string, answer: (fields: Fields, request: FastifyRequest) => unknown): void => {
    server.post(path, {
      // Whoever is in the room, without the token; nobody while no quiz is open, before the body is read.
      config: { isPage: true },
      onRequest: async (_, reply) => (classroom.isOpen ? undefined : refused(reply, 403, CLOSED)),
      errorHandler: (error, _, reply) =>
        void (error.statusCode === 413
          ? refused(reply, 413, TOO_LARGE)
          : refused(reply, error.statusCode ?? 400, UNREADABLE)),
      handler: async (request, reply) => {
        reply.type(MESSAGE).header('Cache-Control', 'no-store');
        const fields = readFields(request.body);
        if (fields === undefined) return refused(reply, 400, UNREADABLE);
        try {
          return Buffer.from(encodeMessage(answer(fields, request)));
        } catch (error) {
          if (!(error instanceof PupilRefused)) throw error;
          reply.code(error.status);
          return Buffer.from(encodeMessage({ error: error.message }));
        }
      },
    });
  };
  route('/api/class/join', ({ code }, { ip }) => ({ pupil: classroom.join(code, ip) }));
  route('/api/class/look', ({ pupil, has }) => classroom.look(pupil, has));
  route('/api/class/answer', ({ pupil, place, choice }) => classroom.answer(pupil, place, choice));
}

/** @returns undefined where it is no map within the limits */
function readFields(body: unknown): Fields | undefined {
  try {
    const fields = body instanceof Uint8Array ? decodeMessage(body, LIMITS) : undefined;
    return typeof fields === 'object' && fields !== null && !Array.isArray(fields) ? (fields as Fields) : undefined;
  } catch {
    return undefined;
  }
}
