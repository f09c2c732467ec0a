import { generateKeyPairSync, type KeyObject, sign } from 'node:crypto';

/** A certificate that signs itself, made anew, so that no key lies about: X.509 (RFC 5280), written in DER. */
export function selfSigned(hosts: readonly string[]): { key: string; cert: string } {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const name = sequence(set(sequence(oid('2.5.4.3'), tagged(0x0c, Buffer.from('perennial test')))));
  const algorithm = sequence(oid('1.2.840.10045.4.3.2'));
  const body = sequence(
    tagged(0xa0, integer(2)),
    integer(1),
    algorithm,
    name,
    sequence(time('20200101000000Z'), time('20991231235959Z')),
    name,
    publicKey.export({ type: 'spki', format: 'der' }),
    tagged(0xa3, sequence(authority, alternativeNames(hosts))),
  );
  const signature = sign('sha256', body, privateKey);
  return {
    key: pem(privateKey),
    cert: armour('CERTIFICATE', sequence(body, algorithm, tagged(0x03, Buffer.concat([zero, signature])))),
  };
}

const zero = Buffer.from([0]);

function tagged(tag: number, ...contents: Buffer[]): Buffer {
  const content = Buffer.concat(contents);
  const { length } = content;
  const head =
    length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.from([tag, ...head]), content]);
}

const sequence = (...contents: Buffer[]) => tagged(0x30, ...contents);
const set = (...contents: Buffer[]) => tagged(0x31, ...contents);
const integer = (value: number) => tagged(0x02, Buffer.from([value]));
const time = (text: string) => tagged(0x18, Buffer.from(text));

function oid(text: string): Buffer {
  const [first = 0, second = 0, ...rest] = text.split('.').map(Number);
  const bytes = rest.flatMap((part) => {
    const digits = [part & 0x7f];
    for (let left = part >> 7; left > 0; left >>= 7) digits.unshift((left & 0x7f) | 0x80);
    return digits;
  });
  return tagged(0x06, Buffer.from([40 * first + second, ...bytes]));
}

const extension = (id: string, value: Buffer) => sequence(oid(id), tagged(0x04, value));
/** It is trusted as the authority that signed it. */
const authority = extension('2.5.29.19', sequence(tagged(0x01, Buffer.from([0xff]))));
const alternativeNames = (hosts: readonly string[]) =>
  extension('2.5.29.17', sequence(...hosts.map((host) => tagged(0x82, Buffer.from(host)))));

const pem = (key: KeyObject): string => key.export({ type: 'pkcs8', format: 'pem' }).toString();
const armour = (label: string, der: Buffer): string =>
  `-----BEGIN ${label}-----\n${der.toString('base64').replaceAll(/.{64}/g, '$&\n')}\n-----END ${label}-----\n`;
