/* A driver that breaks as soon as Vulkan's loader has loaded it; HOW is abort or pause. */
#include <stdlib.h>
#include <unistd.h>

__attribute__((constructor)) static void loaded(void) {
    HOW();
}
