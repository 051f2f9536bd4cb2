/** @file The public face of the studio's engine, `@pareidolia/studio`. */

export * from './audit-shelf.ts';
export * from './audit-views.ts';
export * from './campaign-views.ts';
export * from './campaigns.ts';
export * from './elite-image.ts';
export * from './elite-view.ts';
export * from './generators.ts';
export * from './host.ts';
export * from './lineage.ts';
export { lengthOf, specOf } from './live-runs.ts';
export * from './models.ts';
export * from './protocol.ts';
export { Classroom, type ClassroomPlace, PupilRefused } from './quiz/classroom.ts';
export { networkOf } from './quiz/network-of.ts';
export * from './quiz/quiz-views.ts';
export * from './runs.ts';
export * from './studio.ts';
export * from './trainings.ts';
