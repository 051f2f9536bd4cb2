/** @file Certificates of an authority of one's own, made by openssl for a test. */

import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Whether openssl is installed. */
export function hasOpenssl() {
  return spawnSync('openssl', ['version']).status === 0;
}

/**
 * An authority, and a certificate for 127.0.0.1 that it has signed.
 *
 * @param {string} address that the certificate is for
 */
export function makeCertificates(address = '127.0.0.1') {
  const folder = mkdtempSync(join(tmpdir(), 'pareidolia-tls-'));
  const path = (name) => join(folder, name);
  const openssl = (...args) => {
    const { status, stderr } = spawnSync('openssl', args, { cwd: folder, encoding: 'utf8' });
    if (status !== 0) throw new Error(stderr);
  };
  const key = (name) => ['-newkey', 'rsa:2048', '-nodes', '-keyout', name];
  openssl('req', '-x509', ...key('ca.key'), '-out', 'ca.pem', '-days', '30', '-subj', '/CN=authority of a test');
  openssl('req', ...key('server.key'), '-out', 'server.csr', '-subj', '/CN=server of a test');
  writeFileSync(path('names'), `subjectAltName=IP:${address}\n`);
  const signed = ['-CA', 'ca.pem', '-CAkey', 'ca.key', '-CAcreateserial', '-days', '30', '-extfile', 'names'];
  openssl('x509', '-req', '-in', 'server.csr', '-out', 'server.pem', ...signed);
  return {
    ca: path('ca.pem'),
    certificate: path('server.pem'),
    key: path('server.key'),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}
