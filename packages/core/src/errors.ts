/** @file What can be wrong besides the program itself, each with one sentence as its message. The command line prints that alone. */

/** Something the user gave cannot be used. The message says what, where and how to mend it, in one sentence. The exit code is 2. */
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

/**
 * The machine lacks memory or threads for what has been begun. Elsewhere, or later, the same runs: so it is no fault of what the user
 * gave, and nothing may take it for an answer of the model.
 */
export class MachineError extends Error {
  override name = 'MachineError';
}

/** A service does not answer any more, whatever it is asked: not reached in all attempts, refusing everything, or broken. */
export class ServiceError extends InputError {
  override name = 'ServiceError';
}
