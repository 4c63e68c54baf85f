/** Files beside the page's scripts. */

/** The folder of the scripts. */
export const here = new URL('.', import.meta.url);

/** A file beside the script. @throws Error that says which it is where it does not come */
export const fetchBytes = async (name: string): Promise<Uint8Array> => {
  const response = await fetch(new URL(name, here));
  if (!response.ok) throw new Error(`${name} did not come: the server answers ${response.status}`);
  return new Uint8Array(await response.arrayBuffer());
};
