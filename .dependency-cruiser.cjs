/**
 * The arrows between the rooms (docs/architecture.md) and nothing else: machine <- sim, dsl, plot, session;
 * conform drives sim; present is what command line, kernel and pages show alike; kernel, notebook and cli stand on top and hold no logic of their own.
 */
const may = (from, to) => ({
  name: `${from}-imports-only-${to.join('-') || 'itself'}`,
  severity: 'error',
  from: { path: `^${from}/` },
  to: { pathNot: `^(${[from, ...to].join('|')})/|node_modules/|^(node:|[a-z_]+$)`, dependencyTypesNot: ['core', 'npm', 'npm-dev', 'npm-optional', 'npm-peer'] },
});

/** The rooms of the language, from the ground up; `dsl/api.ts` is what all of them speak. */
const room = (from, to) => ({
  name: `dsl-${from}-imports-only-${to.join('-') || 'itself'}`,
  severity: 'error',
  from: { path: `^dsl/${from}/` },
  to: { path: '^dsl/', pathNot: `^dsl/(${[from, ...to].join('|')})/|^dsl/api\\.ts$` },
});

module.exports = {
  forbidden: [
    may('machine', []),
    may('files', ['machine']),
    may('sim', ['machine']),
    may('dsl', ['machine']),
    may('plot', ['machine']),
    may('conform', ['machine', 'sim']),
    may('session', ['machine']),
    may('present', ['machine', 'dsl']),
    may('kernel', ['machine', 'files', 'sim', 'dsl', 'plot', 'session', 'present']),
    may('notebook', ['machine', 'files', 'plot', 'kernel', 'present']),
    may('cli', ['machine', 'files', 'sim', 'dsl', 'plot', 'session', 'kernel', 'notebook', 'conform', 'present']),
    room('messages', []),
    room('syntax', ['messages']),
    room('format', ['syntax']),
    room('vocabulary', ['messages', 'syntax']),
    room('checking', ['messages', 'syntax', 'vocabulary']),
    room('services', ['messages', 'syntax', 'vocabulary', 'checking']),
    room('evaluating', ['messages', 'syntax', 'vocabulary']),
    room('layout', ['messages', 'syntax', 'vocabulary', 'evaluating']),
    room('views', ['messages', 'syntax', 'vocabulary', 'evaluating']),
    room('statements', ['messages', 'syntax', 'vocabulary', 'evaluating', 'layout', 'views']),
    room('logs', ['messages', 'vocabulary', 'evaluating']),
    // Circles of types count too: what they tie together can only be understood together.
    { name: 'no-cycles', severity: 'error', from: {}, to: { circular: true } },
    { name: 'no-tests-in-the-product', severity: 'error', from: { pathNot: '^(test|bench)/' }, to: { path: '^(test|bench)/' } },
    { name: 'no-dev-dependencies-in-the-product', severity: 'error', from: { pathNot: '^(test|bench)/' }, to: { dependencyTypes: ['npm-dev'], pathNot: 'node_modules/@types/' } },
  ],
  options: {
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'types', 'default'] },
    doNotFollow: { path: 'node_modules' }, // notebook/assets runs in a browser and is bundled at build time.
    exclude: { path: '^(dist|notebook/assets)/' },
  },
};
