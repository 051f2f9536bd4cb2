export * from './decide.ts';
export * from './paths.ts';
export * from './plane.ts';
export * from './plane-map.ts';
export * from './points.ts';
