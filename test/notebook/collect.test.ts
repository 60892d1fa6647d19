import { describe, expect, it } from 'vitest';
import { newHeader, type Content, type Message } from '../../kernel/protocol/message.js';
import { OutputCollector, type DisplayIds } from '../../notebook/collect.js';

const message = (type: string, content: Content): Message => ({ header: newHeader(type, 's'), parent: {}, metadata: {}, content, buffers: [] });

const stream = (text: string, name = 'stdout'): Message => message('stream', { name, text });

const shown = (text: string, id?: string, type = 'display_data'): Message =>
  message(type, { data: { 'text/plain': text }, metadata: {}, transient: id === undefined ? {} : { display_id: id } });

function collect(messages: Message[], displays: DisplayIds = new Map()): unknown[] {
  const collector = new OutputCollector(displays);
  for (const m of messages) collector.take(m);
  return collector.outputs as unknown[];
}

describe('outputs of a cell', () => {
  it('are one stream where the same stream goes on', () => {
    expect(collect([stream('a'), stream('b'), stream('c', 'stderr'), stream('d')])).toEqual([
      { output_type: 'stream', name: 'stdout', text: 'ab' },
      { output_type: 'stream', name: 'stderr', text: 'c' },
      { output_type: 'stream', name: 'stdout', text: 'd' },
    ]);
  });

  it('are none for what is no output', () => {
    expect(collect([message('status', { execution_state: 'busy' }), message('execute_input', { code: '1' })])).toEqual([]);
  });

  it('are cleared at once, or when something follows', () => {
    const clear = (wait: boolean): Message => message('clear_output', { wait });
    expect(collect([stream('a'), clear(false)])).toEqual([]);
    expect(collect([stream('a'), clear(true)])).toHaveLength(1);
    expect(collect([stream('a'), clear(true), stream('b')])).toEqual([{ output_type: 'stream', name: 'stdout', text: 'b' }]);
  });

  it('change when a later cell updates a display', () => {
    const displays: DisplayIds = new Map();
    const first = collect([shown('old', 'x'), shown('other')], displays);
    expect(collect([shown('new', 'x', 'update_display_data')], displays)).toEqual([]);
    expect(first).toMatchObject([{ data: { 'text/plain': 'new' } }, { data: { 'text/plain': 'other' } }]);
  });

  it('keep the traceback of an error and the count of a result', () => {
    const result = message('execute_result', { data: { 'text/plain': '42' }, metadata: {}, execution_count: 7 });
    expect(collect([result, message('error', { ename: 'E', evalue: 'v', traceback: ['t'] })])).toEqual([
      { output_type: 'execute_result', data: { 'text/plain': '42' }, metadata: {}, execution_count: 7 },
      { output_type: 'error', ename: 'E', evalue: 'v', traceback: ['t'] },
    ]);
  });
});
