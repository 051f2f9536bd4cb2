import { describe, expect, it } from 'vitest';
import { expand, isAddress, readAddress, redact } from './address.ts';

// Variables in texts are written with a dollar of their own.
const variable = (name: string): string => `$\{${name}}`;
const environment = { TOKEN: 's3cr3t/+', USER_NAME: 'me', EMPTY: '' };

describe('the address of an endpoint', () => {
  it('without secrets is as it is', () => {
    const given = 'https://host:8000/v2/models/digits/versions/3';
    expect(readAddress(given, {})).toEqual({
      url: given,
      authorization: undefined,
      where: given,
      stored: given,
      name: 'digits',
      secrets: [],
    });
  });

  it('hides user, password and values of the query wherever it is written', () => {
    const address = readAddress('https://anna:p%40ss@host/predict?version=7&key=hush', {});
    expect(address.where).toBe('https://host/predict');
    expect(address.stored).toBe('https://***:***@host/predict?version=***&key=***');
    expect(address.url).toBe('https://host/predict?version=7&key=hush');
    expect(address.authorization).toBe(`Basic ${Buffer.from('anna:p@ss').toString('base64')}`);
    for (const secret of ['anna', 'p@ss', 'p%40ss', 'hush', Buffer.from('anna:p@ss').toString('base64')]) {
      expect(redact(`<${secret}>`, address.secrets)).toBe('<***>');
    }
  });

  it('has variables of the environment, which stay variables where it is written', () => {
    const given = `https://${variable('USER_NAME')}:${variable('TOKEN')}@host/${variable('USER_NAME')}/x?key=${variable('TOKEN')}`;
    const address = readAddress(given, environment);
    expect(address.url).toBe('https://host/me/x?key=s3cr3t%2F%2B');
    expect(address.authorization).toBe(`Basic ${Buffer.from('me:s3cr3t/+').toString('base64')}`);
    expect(address.stored).toBe(given);
    expect(address.where).toBe(`https://host/${variable('USER_NAME')}/x`);
    expect(address.name).toBe('host');
    expect(redact('s3cr3t/+ s3cr3t%2F%2B', address.secrets)).toBe('*** ***');
  });

  it.each([
    [`https://host/${variable('EMPTY')}`, 'The variable EMPTY of the environment is not set'],
    [`https://host/${variable('TOEKN')}`, 'The variable TOEKN of the environment is not set'],
    ['https://***:***@host/x', 'are not kept in run folders; give --model again'],
    ['https://host/x?key=***', 'are not kept in run folders; give --model again'],
    ['https:///x', 'is no address'],
    ['http://host:99999/x', 'is no address'],
  ])('is refused in a sentence: %s', (given, message) => {
    expect(() => readAddress(given, environment)).toThrow(message);
  });

  it('refuses a variable with a line break, which could be another header', () => {
    expect(() => expand(variable('TOKEN'), { TOKEN: 'a\r\nHost: b' })).toThrow('has a line break');
  });

  it.each([
    ['http://host', true],
    ['HTTPS://host', true],
    ['model.onnx', false],
    ['https', false],
    ['./http://host', false],
    [undefined, false],
  ])('is told from a file: %s', (model, expected) => {
    expect(isAddress(model)).toBe(expected);
  });
});
