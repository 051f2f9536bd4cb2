/** @file Where the best images are kept. */

export * from './archive.ts';
export * from './best-of-classes.ts';
export { CentroidalVoronoi, cvt } from './centroidal-voronoi.ts';
export * from './class-archive.ts';
export * from './decision-archive.ts';
export * from './fewest-archive.ts';
export * from './grid.ts';
export * from './grid-archive.ts';
export * from './kind.ts';
export * from './niche-archive.ts';
export * from './partition.ts';
export * from './registry.ts';
export { EliteStore } from './store.ts';
export * from './threshold-field.ts';
export * from './vector-store.ts';
