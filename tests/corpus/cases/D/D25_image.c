// id: D25
// tries: to have the kernel load programs that are none
// stops: [kernel]
// limits: {cpu_ms: 10000, wall_ms: 30000, memory_mib: 64}
// expect: [AC]
#include <elf.h>
#include <stddef.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define PARTS 4

static struct {
    Elf64_Ehdr header;
    Elf64_Phdr parts[PARTS];
    char rest[12288];
} image;

static void plain(void) {
    memset(&image, 0, sizeof image);
    memcpy(image.header.e_ident, ELFMAG, SELFMAG);
    image.header.e_ident[EI_CLASS] = ELFCLASS64;
    image.header.e_ident[EI_DATA] = ELFDATA2LSB;
    image.header.e_ident[EI_VERSION] = EV_CURRENT;
    image.header.e_type = ET_EXEC;
#ifdef __x86_64__
    image.header.e_machine = EM_X86_64;
#else
    image.header.e_machine = EM_AARCH64;
#endif
    image.header.e_version = EV_CURRENT;
    image.header.e_entry = 0x400000;
    image.header.e_phoff = sizeof image.header;
    image.header.e_ehsize = sizeof image.header;
    image.header.e_phentsize = sizeof(Elf64_Phdr);
    image.header.e_phnum = 1;
    for (int i = 0; i < PARTS; i++) {
        Elf64_Phdr *part = &image.parts[i];
        part->p_type = PT_LOAD;
        part->p_flags = PF_R | PF_W | PF_X;
        part->p_vaddr = part->p_paddr = 0x400000;
        part->p_filesz = part->p_memsz = 4096;
        part->p_align = 4096;
    }
}

/* What is odd about the image of this number; 0 when there are no more. */
static int spoil(int number) {
    Elf64_Phdr *parts = image.parts;
    plain();
    switch (number) {
    case 0: image.header.e_phnum = 65535; break;
    case 1: image.header.e_phnum = 65534; image.header.e_phoff = ~0UL - 100; break;
    case 2: image.header.e_phnum = 0; break;
    case 3: image.header.e_phentsize = 1; break;
    case 4: image.header.e_phnum = 4; break; /* all at the same place */
    case 5: image.header.e_phnum = 2; parts[1].p_vaddr = 0x400800; parts[1].p_offset = 0x800; break;
    case 6: parts[0].p_memsz = 1UL << 46; break;
    case 7: parts[0].p_memsz = ~0UL; break;
    case 8: parts[0].p_memsz = 0; break; /* less than in the file */
    case 9: parts[0].p_filesz = ~0UL; parts[0].p_memsz = ~0UL; break;
    case 10: parts[0].p_vaddr = 0; image.header.e_entry = 0; break;
    case 11: parts[0].p_vaddr = 0xffff800000000000; image.header.e_entry = 0xffff800000000000; break;
    case 12: parts[0].p_vaddr = 0x7ffffffff000; break;
    case 13: parts[0].p_offset = 1UL << 62; break;
    case 14: parts[0].p_align = 1UL << 63; image.header.e_type = ET_DYN; break;
    case 15: parts[0].p_align = 3; image.header.e_type = ET_DYN; break;
    case 16: parts[0].p_type = PT_INTERP; parts[0].p_filesz = 12000; break; /* a name that is too long */
    case 17: parts[0].p_type = PT_INTERP; parts[0].p_filesz = 0; break;
    case 18: parts[0].p_type = PT_INTERP; parts[0].p_filesz = 10; parts[0].p_offset = 4096; memset(image.rest, '/', sizeof image.rest); break;
    case 19: case 20: case 21: { /* itself, a directory, a device */
        const char *names[] = {"/tmp/image", "/tmp", "/dev/zero"};
        image.header.e_phnum = 2;
        parts[1].p_type = PT_INTERP;
        parts[1].p_offset = offsetof(typeof(image), rest);
        parts[1].p_filesz = strlen(names[number - 19]) + 1;
        strcpy(image.rest, names[number - 19]);
        break;
    }
    case 22: image.header.e_phnum = 2; parts[1].p_type = PT_GNU_STACK; parts[1].p_memsz = ~0UL; break;
    case 23: image.header.e_phnum = 2; parts[1].p_type = PT_GNU_PROPERTY; parts[1].p_filesz = ~0UL >> 1; break;
    case 24: image.header.e_entry = 0xdead; break;
    case 25: image.header.e_machine = EM_386; image.header.e_ident[EI_CLASS] = ELFCLASS32; break;
    case 26: memset(&image, '#', sizeof image); memcpy(&image, "#!/tmp/image\n", 13); break;
    case 27: memset(&image, 'x', sizeof image); memcpy(&image, "#!/", 3); break;
    default: return 0;
    }
    return 1;
}

int main(void) {
    int tried = 0;
    for (; spoil(tried); tried++) {
        unlink("/tmp/image");
        int fd = open("/tmp/image", O_WRONLY | O_CREAT | O_EXCL, 0700);
        if (fd < 0 || write(fd, &image, sizeof image) != sizeof image) return 3;
        close(fd);
        pid_t child = fork();
        if (child < 0) return 4;
        if (child == 0) {
            alarm(5);
            execl("/tmp/image", "image", NULL);
            _exit(100);
        }
        int status;
        if (waitpid(child, &status, 0) != child) return 5;
        if (WIFEXITED(status) && WEXITSTATUS(status) != 100) fprintf(stderr, "number %d ran\n", tried);
    }
    puts("42");
}
