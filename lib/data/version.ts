/** The package's version, as in package.json; bundles and pages have no file to read it from. */
export const version = '0.1.0';
