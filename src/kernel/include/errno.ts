/** Error numbers; system calls return them negative. */
export const EPERM = 1
export const ENOENT = 2
export const ESRCH = 3
export const EBADF = 9
export const EAGAIN = 11
export const ENOMEM = 12
export const EACCES = 13
export const EFAULT = 14
export const EBUSY = 16
export const EEXIST = 17
export const ENODEV = 19
export const EINVAL = 22
export const ENOSPC = 28
export const EDEADLK = 35
export const EOPNOTSUPP = 95
export const EALREADY = 114
export const ENOSYS = 38
/** Not for user space: the system call begins again. */
export const ERESTARTNOINTR = 513
