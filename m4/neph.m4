dnl neph's own macros. Each answers one question that configure.ac asks.

dnl NEPH_CC_FOR_BUILD: a compiler whose programs run here, for the manifest generator. The same as CC
dnl unless this is a cross build.
AC_DEFUN([NEPH_CC_FOR_BUILD], [
  AC_ARG_VAR([CC_FOR_BUILD], [compiler for programs that run during the build])
  AC_ARG_VAR([CFLAGS_FOR_BUILD], [flags for CC_FOR_BUILD])
  AS_IF([test -z "$CC_FOR_BUILD"], [
    AS_IF([test "$cross_compiling" = yes],
      [AC_CHECK_PROGS([CC_FOR_BUILD], [gcc clang cc])],
      [CC_FOR_BUILD=$CC])])
  AS_IF([test -z "$CC_FOR_BUILD"], [AC_MSG_ERROR([no compiler for the build machine: set CC_FOR_BUILD])])
  AS_IF([test -z "$CFLAGS_FOR_BUILD"], [CFLAGS_FOR_BUILD="-O1"])
])

dnl NEPH_ABI_NUMBERS(HEADER): NEPH_ABI_MAJOR and NEPH_ABI_MINOR as HEADER defines them.
AC_DEFUN([NEPH_ABI_NUMBERS], [
  AC_MSG_CHECKING([the plugin ABI's version])
  NEPH_ABI_MAJOR=`$SED -n 's/^#define NEPH_ABI_MAJOR  *\(@<:@0-9@:>@*\).*/\1/p' "$srcdir/$1"`
  NEPH_ABI_MINOR=`$SED -n 's/^#define NEPH_ABI_MINOR  *\(@<:@0-9@:>@*\).*/\1/p' "$srcdir/$1"`
  AS_IF([test -z "$NEPH_ABI_MAJOR" || test -z "$NEPH_ABI_MINOR"],
    [AC_MSG_ERROR([$1 defines no NEPH_ABI_MAJOR and NEPH_ABI_MINOR])])
  AC_MSG_RESULT([$NEPH_ABI_MAJOR.$NEPH_ABI_MINOR])
  AC_SUBST([NEPH_ABI_MAJOR])
  AC_SUBST([NEPH_ABI_MINOR])
])

dnl NEPH_LTDL(VERSION): the system's libltdl. It has no pkg-config file, and its version is known only at
dnl run time, so the floor is tested by a function that came with it.
AC_DEFUN([NEPH_LTDL], [
  AC_ARG_VAR([LTDL_CFLAGS], [compiler flags for libltdl])
  AC_ARG_VAR([LTDL_LIBS], [linker flags for libltdl @<:@-lltdl@:>@])
  AS_IF([test -z "$LTDL_LIBS"], [LTDL_LIBS=-lltdl])
  neph_save_cppflags=$CPPFLAGS; neph_save_libs=$LIBS
  CPPFLAGS="$CPPFLAGS $LTDL_CFLAGS"; LIBS="$LTDL_LIBS $LIBS"
  AC_MSG_CHECKING([for libltdl >= $1])
  AC_LINK_IFELSE([AC_LANG_PROGRAM([[#include <ltdl.h>]],
      [[lt_dladvise advise; return lt_dladvise_init(&advise) + lt_dladvise_resident(&advise);]])],
    [AC_MSG_RESULT([$LTDL_LIBS])],
    [AC_MSG_ERROR([libltdl is missing: install libltdl-dev (Debian), libtool-ltdl-devel (Fedora)])])
  CPPFLAGS=$neph_save_cppflags; LIBS=$neph_save_libs
])

dnl NEPH_PLUGINS(NAMES): --enable-plugins=LIST, one conditional PLUGIN_NAME for each of NAMES.
AC_DEFUN([NEPH_PLUGINS], [
  AC_ARG_ENABLE([plugins],
    [AS_HELP_STRING([--enable-plugins=LIST], [plugins to build: all, none, or some of $1, comma-separated @<:@all@:>@])],
    [], [enable_plugins=all])
  AS_CASE([$enable_plugins],
    [all|yes], [neph_plugins=" $1"],
    [none|no], [neph_plugins=""],
    [neph_plugins=" `echo "$enable_plugins" | tr ',' ' '`"])
  for neph_plugin in $neph_plugins; do
    AS_CASE([" $1 "], [*" $neph_plugin "*], [],
      [AC_MSG_ERROR([--enable-plugins: there is no plugin "$neph_plugin"; there are: $1])])
  done
  m4_foreach_w([neph_name], [$1], [
    AM_CONDITIONAL([PLUGIN_]m4_toupper(neph_name),
      [AS_CASE(["$neph_plugins "], [*" neph_name "*], [test -f "$srcdir/plugins/]neph_name[/provider.c"], [false])])])
])

dnl NEPH_CC_FLAG(VARIABLE, FLAG): appends FLAG to VARIABLE if the compiler takes it.
AC_DEFUN([NEPH_CC_FLAG], [
  AC_MSG_CHECKING([whether $CC takes $2])
  neph_save_cflags=$CFLAGS
  CFLAGS="$CFLAGS -Werror $2"
  AC_COMPILE_IFELSE([AC_LANG_PROGRAM()], [AC_MSG_RESULT([yes]); $1="$$1 $2"], [AC_MSG_RESULT([no])])
  CFLAGS=$neph_save_cflags
])

dnl NEPH_LD_FLAG(VARIABLE, FLAG): appends FLAG to VARIABLE if the linker takes it.
AC_DEFUN([NEPH_LD_FLAG], [
  AC_MSG_CHECKING([whether the linker takes $2])
  neph_save_ldflags=$LDFLAGS
  LDFLAGS="$LDFLAGS $2"
  AC_LINK_IFELSE([AC_LANG_PROGRAM()], [AC_MSG_RESULT([yes]); $1="$$1 $2"], [AC_MSG_RESULT([no])])
  LDFLAGS=$neph_save_ldflags
])

dnl NEPH_WARNINGS: NEPH_CFLAGS, what every C file of neph is compiled with; --enable-werror.
AC_DEFUN([NEPH_WARNINGS], [
  AC_ARG_ENABLE([werror], [AS_HELP_STRING([--enable-werror], [treat warnings as errors])],
    [], [enable_werror=no])
  NEPH_CFLAGS="-std=gnu11 -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes"
  m4_foreach_w([neph_flag], [-Wvla -Wpointer-arith -Wformat=2 -Wundef -Wwrite-strings -fno-common -fno-math-errno],
    [NEPH_CC_FLAG([NEPH_CFLAGS], neph_flag)])
  AS_IF([test "$enable_werror" = yes], [NEPH_CFLAGS="$NEPH_CFLAGS -Werror"])
  NEPH_HIDDEN=
  NEPH_CC_FLAG([NEPH_HIDDEN], [-fvisibility=hidden])
  NEPH_CC_FLAG([NEPH_HIDDEN], [-ffunction-sections])
  NEPH_CC_FLAG([NEPH_HIDDEN], [-fdata-sections])
  AC_SUBST([NEPH_CFLAGS])
  AC_SUBST([NEPH_HIDDEN])
])

dnl NEPH_SANITIZERS: --enable-sanitizers=address,undefined for everything that is built.
AC_DEFUN([NEPH_SANITIZERS], [
  AC_ARG_ENABLE([sanitizers],
    [AS_HELP_STRING([--enable-sanitizers=LIST], [build with these sanitizers, for example address,undefined])],
    [], [enable_sanitizers=no])
  AS_IF([test "$enable_sanitizers" = yes], [enable_sanitizers=address,undefined])
  AS_IF([test "$enable_sanitizers" != no], [
    neph_sanitize="-fsanitize=$enable_sanitizers -fno-omit-frame-pointer -fno-sanitize-recover=all"
    CFLAGS="$CFLAGS $neph_sanitize"
    CXXFLAGS="$CXXFLAGS $neph_sanitize"
    LDFLAGS="$LDFLAGS -fsanitize=$enable_sanitizers"
    AC_LINK_IFELSE([AC_LANG_PROGRAM()], [],
      [AC_MSG_ERROR([$CC cannot link with -fsanitize=$enable_sanitizers])])])
  AM_CONDITIONAL([SANITIZERS], [test "$enable_sanitizers" != no])
])

dnl NEPH_FUZZERS: --enable-fuzzers builds tests/fuzz with libFuzzer, which only clang has.
AC_DEFUN([NEPH_FUZZERS], [
  AC_ARG_ENABLE([fuzzers], [AS_HELP_STRING([--enable-fuzzers], [build the fuzzers (clang)])],
    [], [enable_fuzzers=no])
  NEPH_FUZZ_LDFLAGS=
  AS_IF([test "$enable_fuzzers" = yes], [
    neph_save_cflags=$CFLAGS
    CFLAGS="$CFLAGS -fsanitize=fuzzer"
    AC_LINK_IFELSE([AC_LANG_SOURCE([[
        #include <stddef.h>
        #include <stdint.h>
        int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) { return !data && size; }]])],
      [], [AC_MSG_ERROR([$CC has no libFuzzer: configure with CC=clang])])
    CFLAGS="$neph_save_cflags -fsanitize=fuzzer-no-link"
    NEPH_FUZZ_LDFLAGS=-fsanitize=fuzzer])
  AC_SUBST([NEPH_FUZZ_LDFLAGS])
  AM_CONDITIONAL([FUZZERS], [test "$enable_fuzzers" = yes])
])

dnl NEPH_HARDENING: NEPH_LIB_LDFLAGS for libneph, NEPH_MODULE_LDFLAGS for what it loads.
AC_DEFUN([NEPH_HARDENING], [
  NEPH_LD_COMMON= NEPH_NODELETE= NEPH_DEFS= NEPH_SYMBOL_MAP=
  NEPH_LD_FLAG([NEPH_LD_COMMON], [-Wl,-z,relro])
  NEPH_LD_FLAG([NEPH_LD_COMMON], [-Wl,-z,now])
  NEPH_LD_FLAG([NEPH_LD_COMMON], [-Wl,--as-needed])
  NEPH_LD_FLAG([NEPH_LD_COMMON], [-Wl,--gc-sections])
  NEPH_LD_FLAG([NEPH_NODELETE], [-Wl,-z,nodelete])
  AS_IF([test "$enable_sanitizers" = no && test "$enable_fuzzers" = no],
    [NEPH_LD_FLAG([NEPH_DEFS], [-Wl,-z,defs])])
  AC_MSG_CHECKING([whether the linker takes a version script])
  echo 'NEPH_0 { global: main; local: *; };' >conftest.map
  neph_save_ldflags=$LDFLAGS
  LDFLAGS="$LDFLAGS -Wl,--version-script=conftest.map"
  AC_LINK_IFELSE([AC_LANG_PROGRAM()], [neph_symbol_map=yes], [neph_symbol_map=no])
  LDFLAGS=$neph_save_ldflags
  rm -f conftest.map
  AC_MSG_RESULT([$neph_symbol_map])
  AM_CONDITIONAL([SYMBOL_MAP], [test "$neph_symbol_map" = yes])
  NEPH_LIB_LDFLAGS="$NEPH_LD_COMMON $NEPH_NODELETE $NEPH_DEFS"
  NEPH_MODULE_LDFLAGS="-avoid-version -shared $NEPH_LD_COMMON $NEPH_NODELETE $NEPH_DEFS"
  AC_SUBST([NEPH_LD_COMMON])
  AC_SUBST([NEPH_LIB_LDFLAGS])
  AC_SUBST([NEPH_MODULE_LDFLAGS])
])
