/** @file The rooms of the studio, in their order. */

import type { StudioModel } from '@pareidolia/studio';
import type { Component } from 'svelte';
import type { Session } from '../session.svelte.ts';
import Attack from './attack/Attack.svelte';
import Audit from './audit/Audit.svelte';
import Boundaries from './boundaries/Boundaries.svelte';
import Breed from './breed/Breed.svelte';
import Quiz from './quiz/Quiz.svelte';
import Walk from './walk/Walk.svelte';
import Watch from './watch/Watch.svelte';

export interface Room {
  /** In the address, behind `#`. */
  readonly id: string;
  readonly title: string;
  readonly component: Component<{ session: Session; model: StudioModel }>;
  /** Whether it has a use for a generator. */
  readonly usesGenerators?: true;
}

export const ROOMS: readonly Room[] = [
  { id: 'watch', title: 'Watch', component: Watch },
  { id: 'breed', title: 'Breed', component: Breed, usesGenerators: true },
  { id: 'walk', title: 'Walk', component: Walk, usesGenerators: true },
  { id: 'attack', title: 'Attack', component: Attack },
  { id: 'audit', title: 'Audit', component: Audit },
  { id: 'boundaries', title: 'Boundaries', component: Boundaries },
  { id: 'quiz', title: 'Quiz', component: Quiz },
];
