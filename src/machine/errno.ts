/** The kernel's refusals in the words of strerror(3). They are returned, never thrown. */
export class Errno {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

export const ENOENT = new Errno("No such file or directory");
export const ENOMEM = new Errno("Cannot allocate memory");
export const EACCES = new Errno("Permission denied");
export const EEXIST = new Errno("File exists");
export const ENOTDIR = new Errno("Not a directory");
export const EISDIR = new Errno("Is a directory");
export const ENODEV = new Errno("No such device");
export const EINVAL = new Errno("Invalid argument");
export const ENOSPC = new Errno("No space left on device");
export const EPIPE = new Errno("Broken pipe");
export const ENOTEMPTY = new Errno("Directory not empty");
export const EPERM = new Errno("Operation not permitted");
