/** @file PyTorch beside us, where it is installed: a Python process that runs the same networks and times itself. */

import { spawn, spawnSync } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const SCRIPT = fileURLToPath(new URL('pytorch-gradient.py', import.meta.url));

/** A Python that has PyTorch and the ONNX reader; Debian's may hide behind another one. */
function findPython() {
  return ['python3', '/usr/bin/python3'].find(
    (command) => spawnSync(command, ['-c', 'import torch, onnx'], { stdio: 'ignore' }).status === 0,
  );
}

/**
 * @returns {{ ask: (request: object) => Promise<unknown>, close: () => void } | undefined} `undefined` where there is no
 *   PyTorch
 */
export function startPyTorch() {
  const python = findPython();
  if (python === undefined) return undefined;
  const child = spawn(python, [SCRIPT], { stdio: ['pipe', 'pipe', 'inherit'] });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  return {
    async ask(request) {
      child.stdin.write(`${JSON.stringify(request)}\n`);
      const { value, done } = await lines.next();
      if (done) throw new Error('PyTorch ended early; what it said stands above');
      return JSON.parse(value);
    },
    close: () => child.stdin.end(),
  };
}
