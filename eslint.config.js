import js from '@eslint/js';
import regexp from 'eslint-plugin-regexp';
import tseslint from 'typescript-eslint';

export default tseslint.config(
  { ignores: ['dist/', 'out/', 'node_modules/', '**/*.cjs', 'test/package/consumer/'] },
  js.configs.recommended,
  ...tseslint.configs.strict,
  {
    rules: {
      '@typescript-eslint/no-non-null-assertion': 'error',
      '@typescript-eslint/consistent-type-imports': ['error', { disallowTypeAnnotations: false }],
      eqeqeq: 'error',
      'no-console': 'error',
    },
  },
  {
    files: ['bench/**/*.js', 'test/disk/*.js'],
    languageOptions: { globals: { console: 'readonly', process: 'readonly', URL: 'readonly' } },
    rules: { 'no-console': 'off' },
  },
  {
    // Texts are a stranger's: an expression that backtracks takes time with the square of their length, or worse.
    files: ['{machine,files,present,sim,dsl,plot,conform,session,kernel,notebook,cli}/**/*.ts'],
    plugins: { regexp },
    rules: { 'regexp/no-super-linear-backtracking': 'error', 'regexp/no-super-linear-move': ['error', { ignoreSticky: true }] },
  },
  {
    // Still to be written in linear time: they see lines of logs, of which 64 Ki characters are kept (cli/lines.ts).
    files: ['dsl/logs/{gather,other-tracers,peel}.ts', 'dsl/syntax/build-maps.ts'],
    rules: { 'regexp/no-super-linear-backtracking': 'off', 'regexp/no-super-linear-move': 'off' },
  },
  {
    // The lexer tries them at one place and at no other.
    files: ['dsl/syntax/tokens.ts'],
    rules: { 'regexp/no-super-linear-move': 'off' },
  },
  {
    // A file of a user's is written whole or not at all: files/write-whole.ts.
    files: ['{kernel,notebook,cli,session,conform}/**/*.ts'],
    ignores: ['notebook/kernel-process.ts'],
    rules: {
      'no-restricted-imports': [
        'error',
        {
          paths: [
            { name: 'node:fs', importNames: ['writeFileSync', 'writeFile', 'createWriteStream'], message: 'use writeWhole of files/write-whole.ts' },
            { name: 'node:fs/promises', importNames: ['writeFile'], message: 'use writeWhole of files/write-whole.ts' },
          ],
        },
      ],
    },
  },
  {
    // The core runs in a browser too: no Node API, no process, no Buffer.
    files: ['machine/**/*.ts', 'sim/**/*.ts', 'dsl/**/*.ts', 'plot/**/*.ts', 'conform/**/*.ts', 'present/**/*.ts'],
    rules: {
      'no-restricted-imports': ['error', { patterns: ['node:*', 'fs', 'path', 'os', 'child_process'] }],
      'no-restricted-globals': ['error', 'process', 'Buffer', '__dirname', 'require', 'setImmediate'],
    },
  },
);
