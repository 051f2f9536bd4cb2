/** @file Names without what they stand for (`@pareidolia/core/names`): help and completion need them, and nothing else of the core. */

export * from './dataset/drawn-names.ts';
export * from './settings/names.ts';
