export const FORMATS = ['text', 'json', 'junit'] as const;

export type Format = (typeof FORMATS)[number];
