/**
 * TypeDoc's pages made pages of the site: under its policy, without scripts in them, with ways back to it.
 */
import { pathFrom } from '../../lib/docs/html/links.js';

/** TypeDoc's scripts read the index of names out of data addresses; nothing else is fetched. */
const policy = [
  "default-src 'none'",
  "style-src 'self'",
  "script-src 'self'",
  "img-src 'self' data:",
  'connect-src data:',
  "base-uri 'none'",
  "form-action 'none'",
].join('; ');

/**
 * A page of the reference as the site has it.
 * @param path  where it is in the site
 */
export const frameReference = (page: string, path: string): string =>
  page
    .replace(/<script>[^]*?<\/script>/g, '')
    .replace(
      /<meta charset="utf-8"\/?>/i,
      (charset) => `${charset}<meta http-equiv="Content-Security-Policy" content="${policy}"/>`,
    )
    .replace(/href="site:([^"]*)"/g, (_, to: string) => `href="${pathFrom(path, to)}"`);
