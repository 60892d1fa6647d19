export { parseScenario, type RecordedScenario } from './recording.js';
export { Conformance, type Disagreement } from './replay.js';
export { jsonReport, textReport } from './report.js';
