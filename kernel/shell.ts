/** What a front end may ask of the session: the handlers of the shell channel, whichever way a request came. */
import type { Cells } from './cells/cells.js';
import type { Execution } from './execute.js';
import { completeReply } from './language/complete.js';
import { inspectReply } from './language/inspect.js';
import { isCompleteReply } from './language/is-complete.js';
import type { Content } from './protocol/message.js';
import type { Handler, Request } from './protocol/server.js';

export function shellHandlers(cells: Cells, execution: Execution): Record<string, Handler> {
  return {
    execute_request: (request) => execution.execute(request),
    complete_request: ({ message }) => completeReply(cells, code(message.content), cursor(message.content)),
    inspect_request: ({ message }) => inspectReply(cells, code(message.content), cursor(message.content), message.content['detail_level'] === 1 ? 1 : 0),
    is_complete_request: ({ message }) => isCompleteReply(cells, code(message.content)),
    history_request: ({ message }) => execution.history.reply(message.content),
    comm_info_request: () => ({ status: 'ok', comms: {} }),
    comm_open: refuseComm,
    // Messages on a comm that was refused are ignored.
    comm_msg: () => undefined,
    comm_close: () => undefined,
  };
}

const code = (content: Content): string => (typeof content['code'] === 'string' ? content['code'] : '');

const cursor = (content: Content): number => (typeof content['cursor_pos'] === 'number' ? content['cursor_pos'] : code(content).length);

/** There are no comm targets here; the protocol's way to say so is to close. */
function refuseComm({ message, publish }: Request): undefined {
  publish('comm_close', { comm_id: message.content['comm_id'], data: {} });
  return undefined;
}
