/**
 * Node's file functions as the runner of goldens uses them, in a page: files of the machine that serves the page, which
 * answers `/files?path=…` with a file's bytes and `/entry?path=…` with what lies at a path.
 */
interface Entry {
  readonly isDirectory: boolean;
  readonly files: readonly string[];
}

const request = (address: string, path: string): XMLHttpRequest => {
  const sent = new XMLHttpRequest();
  sent.open('GET', `${address}?path=${encodeURIComponent(path)}`, false);
  sent.overrideMimeType('text/plain; charset=x-user-defined');
  sent.send();
  return sent;
};

const entryAt = (path: string): Entry | undefined => {
  const { status, responseText } = request('/entry', path);
  return status === 200 ? (JSON.parse(responseText) as Entry) : undefined;
};

export const readFileSync = (path: string, encoding?: 'utf8'): Uint8Array | string => {
  const { status, responseText } = request('/files', path);
  if (status !== 200) throw new Error(`${path} cannot be read`);
  const bytes = Uint8Array.from(responseText, (character) => character.charCodeAt(0));
  return encoding ? new TextDecoder().decode(bytes) : bytes;
};

export const existsSync = (path: string): boolean => entryAt(path) !== undefined;
export const readdirSync = (path: string): readonly string[] => entryAt(path)?.files ?? [];
export const statSync = (path: string) => ({ isDirectory: () => entryAt(path)?.isDirectory === true });
