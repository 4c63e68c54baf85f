import t from 'tap';
import { textOf } from '../../../lib/files/text.js';

const latin = Uint8Array.from('one\ncaf\u00e9 au lait', (c) => c.charCodeAt(0));

t.test('a text in UTF-8 is read; any other byte is named with its place', (t) => {
  t.match(textOf('a.txt', new TextEncoder().encode('caf\u00e9')), { right: 'caf\u00e9' });
  t.match(textOf('a.txt', latin), {
    left: { where: 'a.txt', found: '0xe9 at byte 8, line 2, which is no UTF-8' },
  });
  t.match(textOf('a.txt', Uint8Array.of(65, 0xc3)), { left: { found: 'an end within a character' } });
  t.end();
});
