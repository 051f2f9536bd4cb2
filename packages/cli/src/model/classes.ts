/** @file Class names in the names of files. */

/** A class name as part of a file name: lower case, letters and digits of any script, joined by hyphens, not long. */
export function slug(className: string): string {
  const words = className
    .split(',', 1)[0]!
    .normalize('NFC')
    .toLowerCase()
    .match(/[\p{L}\p{N}]+/gu);
  return (words?.join('-') ?? '').slice(0, 40);
}
