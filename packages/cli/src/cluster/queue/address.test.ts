import { describe, expect, it } from 'vitest';
import { queueTrouble, readQueueAddress } from './address.ts';

describe('the address of a queue', () => {
  it.each([
    ['redis://127.0.0.1:6390', 'redis', 'redis://127.0.0.1:6390'],
    ['rediss://user:s3cret@host/2', 'redis', 'rediss://host:6379/2'],
    ['postgres://me:s3cret@host/jobs?sslmode=require', 'postgres', 'postgres://host:5432/jobs'],
  ])('%s is shown without secrets', (text, kind, where) => {
    expect(readQueueAddress(text)).toMatchObject({ kind, where });
  });

  it.each(['http://user:s3cret@host', 'user:s3cret@host', 's3cret', 'redis://:s3cret@', ''])(
    '%s is refused, and not quoted',
    (text) => {
      expect(() => readQueueAddress(text)).toThrow(/^--queue (begins with|is no address|has no host)/);
      try {
        readQueueAddress(text);
      } catch (error) {
        expect((error as Error).message).not.toContain('s3cret');
      }
    },
  );

  it('checks certificates wherever it speaks TLS, unless no-verify says otherwise', () => {
    const modeOf = (mode: string): string | null =>
      new URL(readQueueAddress(`postgres://host/jobs?sslmode=${mode}`).url).searchParams.get('sslmode');
    expect(['require', 'verify-ca', 'verify-full', 'no-verify', 'disable'].map(modeOf)).toEqual([
      'verify-full',
      'verify-full',
      'verify-full',
      'no-verify',
      'disable',
    ]);
    expect(() => modeOf('prefer')).toThrow('--queue has an sslmode that is none; choose verify-full');
  });

  it('shows no secret in any trouble', () => {
    const address = readQueueAddress('postgres://me:a%20b%2Fc@host/jobs?password=other');
    const text = queueTrouble(address, new Error('could not use a b/c, a%20b%2Fc or other'));
    for (const secret of ['a b/c', 'a%20b%2Fc', 'other']) expect(text).not.toContain(secret);
  });

  it.each<[string, Error, string]>([
    [
      'out of memory',
      new Error("OOM command not allowed when used memory > 'maxmemory'."),
      'is out of memory (maxmemory)',
    ],
    ['password', new Error('NOAUTH Authentication required.'), 'wants a password'],
    ['password', new Error('WRONGPASS invalid username-password pair'), 'wants a password'],
    [
      'refused',
      Object.assign(new Error('connect ECONNREFUSED 127.0.0.1:1'), { code: 'ECONNREFUSED' }),
      'does not answer (ECONNREFUSED); start it',
    ],
    [
      'disk',
      new Error('MISCONF Redis is configured to save RDB snapshots, but it is currently unable to persist to disk'),
      'cannot write to its disk',
    ],
    [
      'not trusted',
      new Error('self-signed certificate in certificate chain'),
      'has a certificate that is not trusted (self-signed certificate in certificate chain); name the file of the authority',
    ],
    ['no TLS', new Error('The server does not support SSL connections'), 'speaks no TLS ('],
    [
      'only TLS',
      new Error('no pg_hba.conf entry for host "127.0.0.1", user "me", database "jobs", no encryption'),
      'lets nobody in without TLS, or not this user; add ?sslmode=verify-full to the address',
    ],
    ['expired', Object.assign(new Error('certificate has expired'), { code: 'CERT_HAS_EXPIRED' }), 'is not valid now'],
    [
      'another name',
      new Error("Hostname/IP does not match certificate's altnames: IP: 127.0.0.1 is not in the cert's list: "),
      'has a certificate for another name',
    ],
    [
      'several',
      new AggregateError([Object.assign(new Error('x'), { code: 'ECONNREFUSED' })]),
      'does not answer (ECONNREFUSED)',
    ],
  ])('says what is wrong in one sentence: %s', (_, error, expected) => {
    const text = queueTrouble(readQueueAddress('redis://127.0.0.1:1'), error);
    expect(text).toContain(expected);
    expect(text).not.toContain('\n');
  });
});
