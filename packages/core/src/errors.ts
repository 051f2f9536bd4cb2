/** @file The mistakes a user can make. The command line prints the message alone and exits with 2. */

/** Something the user gave cannot be used. The message says what, where and how to mend it, in one sentence. */
export class InputError extends Error {
  override name: string = 'InputError';

  /** @param message names out of files cannot steer a terminal */
  constructor(message: string, options?: ErrorOptions) {
    super(message.replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu, ' '), options);
  }
}

/** The device asked for is not there: not in this build of ONNX Runtime, or without what it needs on this machine. */
export class DeviceError extends InputError {
  override name = 'DeviceError';
}

/** ONNX Runtime has loaded a graph, and fails to run it on what it is given. */
export class RunError extends InputError {
  override name = 'RunError';
}

/** A service does not answer any more, whatever it is asked: not reached in all attempts, refusing everything, or broken. */
export class ServiceError extends InputError {
  override name = 'ServiceError';
}
