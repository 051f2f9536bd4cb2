/** Paths of an authority's certificate, and of a server's with its key. */
export interface Certificates {
  readonly ca: string;
  readonly certificate: string;
  readonly key: string;
  remove(): void;
}

export function hasOpenssl(): boolean;
export function makeCertificates(address?: string): Certificates;
