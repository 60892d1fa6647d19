/** `lab`, over the session of this kernel. */
import { randomUUID } from 'node:crypto';
import type { Session } from '../../dsl/api.js';
import { ScenarioFailed, type Lab } from '../lab.js';
import { currentCell, type CellContext } from './context.js';
import { runScenario, type Scenarios } from './scenario.js';
import { valueBundle } from './value.js';

export function createLab(scenarios: Scenarios, session: Session): Lab {
  return {
    get model() {
      return session.model;
    },
    get records() {
      return session.records;
    },
    space: () => session.space(),
    lookup: (name) => session.lookup(name),
    async run(text, { check = true } = {}) {
      const { result, error } = await runScenario(scenarios, text, thisCell('run'));
      if (check && error !== undefined) throw new ScenarioFailed(`${error.ename}: ${error.evalue}`, result, error);
      return result;
    },
    display(value) {
      const id = randomUUID();
      const draw = (shown: unknown, update: boolean): void => {
        const { output, signal } = thisCell('display');
        output.draw(() => valueBundle(scenarios.deps, shown, signal), { id, update });
      };
      draw(value, false);
      return { update: (other) => draw(other, true) };
    },
    clearOutput(wait = false) {
      thisCell('clearOutput').output.clear(wait);
    },
  };
}

function thisCell(method: string): CellContext {
  const cell = currentCell.getStore();
  if (cell === undefined) throw new Error(`lab.${method} was called outside of any cell`);
  return cell;
}
