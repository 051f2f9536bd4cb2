/** @file Where a model card's fields come from if it is missing or leaves them open. */

export type { CardPart, SidecarFormat } from './card-part.ts';
export { namesOfLines, namesOfTable } from './class-names.ts';
export * from './gather-card.ts';
export { IMAGENET_NAMES } from './imagenet-names.ts';
export type { MergedCard } from './merge.ts';
export { METADATA_KEYS, type MetadataKey } from './metadata.ts';
export * from './sidecars.ts';
