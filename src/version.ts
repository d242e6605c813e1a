/** This release, as banners and bug reports name it. A test holds it to package.json. */
export const version = "0.1.0"
