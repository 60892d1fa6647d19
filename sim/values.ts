/** The numbers that checks compare, named and typed for whoever prints them. */
import { toBytes, type Pages, type StepValue, type Vpn } from '../machine/index.js';
import type { Mm } from './vma/mm.js';

export const atPage = (mm: Mm, name: string, page: Vpn): StepValue => ({ name, value: toBytes(mm.geometry, page), as: 'address' });
export const atByte = (name: string, value: bigint): StepValue => ({ name, value, as: 'address' });
export const sizeOf = (mm: Mm, name: string, pages: Pages): StepValue => ({ name, value: toBytes(mm.geometry, pages), as: 'size' });
export const bytes = (name: string, value: bigint): StepValue => ({ name, value, as: 'size' });
export const number = (name: string, value: number): StepValue => ({ name, value, as: 'count' });
export const text = (name: string, value: string): StepValue => ({ name, value, as: 'text' });
