/** @file All rules of an audit, in the order of the report. A new one is a file beside this one, and a line here. */

import type { AuditRule } from '../rule.ts';
import { searchedRule } from './searched.ts';
import { stampsRule } from './stamps.ts';

export const RULES: readonly AuditRule[] = [searchedRule, stampsRule];
