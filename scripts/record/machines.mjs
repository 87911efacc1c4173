// The machines that programs are recorded on: Debian's kernel packages, pinned, and how qemu runs them.

/** A kernel package of Debian: architecture, name, version, and the SHA-256 of its file. */
const deb = (arch, name, version, sha256) => ({ arch, name, version, sha256 })

const TWO_NODES = '-object memory-backend-ram,size=768M,id=m0 -object memory-backend-ram,size=768M,id=m1 -numa node,memdev=m0,cpus=0 -numa node,memdev=m1'

const amd64 = {
  compiler: 'gcc',
  qemu: `qemu-system-x86_64 -M q35 -cpu max ${TWO_NODES}`,
  console: 'console=ttyS0 no_timer_check',
  kernels: {
    '6.12': deb('amd64', 'linux-image-6.12.117+deb13-amd64-unsigned', '6.12.117-1', '3b80d047f4d70d5f85d834f370b0e4b1bf689ee958c69018a570319b77f49301'),
    '7.3': deb('amd64', 'linux-binary-7.3.4+deb13-amd64', '7.3.4-1~bpo13+1', '7e3248d03a84dcdda88c567aa8c4038f2e7795d2dd167b112c56f8901b6f513f'),
  },
}

const arm64 = {
  compiler: 'aarch64-linux-gnu-gcc',
  qemu: `qemu-system-aarch64 -M virt,gic-version=3 -cpu max,pauth-impdef=on ${TWO_NODES}`,
  console: 'console=ttyAMA0',
  kernels: { '7.2': deb('arm64', 'linux-binary-7.2.13+deb14-arm64', '7.2.13-1', '9043487c40a7b1c9ef421bbe3f578bf30f1004abd19f259e769f4ff8a26bb40b') },
}

const ppc64 = {
  compiler: 'powerpc64le-linux-gnu-gcc',
  qemu: `qemu-system-ppc64 -M pseries -cpu power9 ${TWO_NODES}`,
  console: 'console=hvc0',
  kernels: { '7.2': deb('ppc64el', 'linux-binary-7.2.13+deb14-powerpc64le', '7.2.13-1', '74a8ea320b1435c6973b2ad8a4cb81402cf46341956508751ed9df53f3aa720e') },
}

/** By the name that `mmrace fidelity --arch` has for them. */
export const machines = {
  'x86-64': amd64,
  arm64,
  /** A CPU without FEAT_HAFDBS. */
  'arm64-sw-dirty': { ...arm64, qemu: arm64.qemu.replace('-cpu max,pauth-impdef=on', '-cpu cortex-a57') },
  'arm64-16k': {
    ...arm64,
    kernels: { '7.2': deb('arm64', 'linux-binary-7.2.13+deb14-arm64-16k', '7.2.13-1', 'a12a8512c48167b3b62056406399414153a494766321a91c1d5fc08cb7c9b253') },
  },
  riscv64: {
    compiler: 'riscv64-linux-gnu-gcc',
    qemu: 'qemu-system-riscv64 -M virt -cpu rv64',
    console: 'console=ttyS0',
    kernels: { '7.2': deb('riscv64', 'linux-binary-7.2.13+deb14-riscv64', '7.2.13-1', 'de8e75884c95b246b4bf72b9dc1c004c535f786da8743006bd341e058e948e99') },
  },
  s390x: {
    compiler: 's390x-linux-gnu-gcc',
    qemu: 'qemu-system-s390x -M s390-ccw-virtio -cpu max',
    console: '',
    kernels: { '7.2': deb('s390x', 'linux-binary-7.2.13+deb14-s390x', '7.2.13-1', '63d6cefaa8a868ad270028de833a21ef30fc5fe8b64231e55ca61c28a997b9f1') },
  },
  'ppc64-radix': ppc64,
  'ppc64-hash': { ...ppc64, console: 'console=hvc0 disable_radix' },
  'ppc64-radix-64k': {
    ...ppc64,
    kernels: { '7.2': deb('ppc64el', 'linux-binary-7.2.13+deb14-powerpc64le-64k', '7.2.13-1', '772a52fc337b25e61030cb15a4f34892cb2082a60f77e835e8821b3b69d542d1') },
  },
}
