/** @file PyTorch beside us, where it is installed: a Python process that runs the same networks and times itself. */

import { spawn, spawnSync } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

/** A Python that has PyTorch and the ONNX reader; Debian's may hide behind another one. */
function findPython() {
  return ['python3', '/usr/bin/python3'].find(
    (command) => spawnSync(command, ['-c', 'import torch, onnx'], { stdio: 'ignore' }).status === 0,
  );
}

/**
 * Starts PyTorch and prints its version, its BLAS and its threads. One that multiplies matrices with the reference BLAS is no
 * opponent: it is several times as slow as with another.
 *
 * @param {(line: string) => void} print
 * @param {string} script beside this file that answers it
 * @returns {Promise<{ ask: (request: object) => Promise<any>, close: () => void } | undefined>} `undefined` where there is
 *   no PyTorch, or none that is worth a comparison; then that is printed
 */
export async function startPyTorch(print, script = 'pytorch-gradient.py') {
  const python = findPython();
  if (python === undefined) {
    print('without PyTorch: there is no python3 with torch and onnx');
    return undefined;
  }
  const child = spawn(python, [fileURLToPath(new URL(script, import.meta.url))], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const torch = {
    async ask(request) {
      child.stdin.write(`${JSON.stringify(request)}\n`);
      const { value, done } = await lines.next();
      if (done) throw new Error('PyTorch ended early; what it said stands above');
      return JSON.parse(value);
    },
    close: () => child.stdin.end(),
  };
  const { version, threads, blas, reference } = await torch.ask({ about: true });
  print(`PyTorch ${version}, BLAS ${blas}, ${threads} threads`);
  if (!reference) return torch;
  torch.close();
  print('the comparison with PyTorch is refused, as it has the reference BLAS: apt install libopenblas0-pthread');
  return undefined;
}
