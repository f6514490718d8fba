/*
 * The clock functions that take the place of the vDSO's own in a traced process (vdso.py).
 * Assembled: as vdso_clock_x86_64.S, .text only, position independent; the bytes stand in
 * vdso.py and a test compares them. PAGE is replaced by the address of the clock page:
 *
 *    0 base        virtual ns, without what CPU time and reads add
 *    8 step        virtual ns charged for each read
 *   16 limit       virtual ns from which on the real, trapped call is made
 *   24 realtime    what to add for CLOCK_REALTIME and its kin
 *   32 monotonic   what to add for CLOCK_MONOTONIC and its kin
 *   40 cpu         this process's CPU ns that base already holds
 *   48 measured    0: CPU time is not counted
 *   56 reads       virtual ns charged for clock reads so far; written by these functions only
 */
        .set    PAGE, 0x1122334455667788
        .set    KNOWN, 0x8f3            /* clock ids 0 1 4 5 6 7 11 */
        .set    REALTIME, 0x821         /* clock ids 0 5 11 */

        .text
clock_gettime:                          /* (edi: clock id, rsi: struct timespec) */
        cmp     $11, %edi
        ja      1f
        mov     $KNOWN, %eax
        bt      %edi, %eax
        jnc     1f
        push    %rdi
        push    %rsi
        call    now
        pop     %rsi
        pop     %rdi
        jc      1f
        mov     32(%r8), %rdx
        mov     $REALTIME, %ecx
        bt      %edi, %ecx
        jnc     2f
        mov     24(%r8), %rdx
2:      add     %rdx, %rax
        xor     %edx, %edx
        mov     $1000000000, %ecx
        div     %rcx
        mov     %rax, (%rsi)
        mov     %rdx, 8(%rsi)
        xor     %eax, %eax
        ret
1:      mov     $228, %eax
        syscall
        ret

        .balign 16
gettimeofday:                           /* (rdi: struct timeval or 0, rsi: timezone or 0) */
        test    %rdi, %rdi
        jz      1f
        test    %rsi, %rsi
        jnz     1f
        push    %rdi
        push    %rsi
        call    now
        pop     %rsi
        pop     %rdi
        jc      1f
        add     24(%r8), %rax
        xor     %edx, %edx
        mov     $1000000000, %ecx
        div     %rcx
        mov     %rax, (%rdi)
        mov     %rdx, %rax
        xor     %edx, %edx
        mov     $1000, %ecx
        div     %rcx
        mov     %rax, 8(%rdi)
        xor     %eax, %eax
        ret
1:      mov     $96, %eax
        syscall
        ret

        .balign 16
time:                                   /* (rdi: time_t or 0) */
        push    %rdi
        call    now
        pop     %rdi
        jc      1f
        add     24(%r8), %rax
        xor     %edx, %edx
        mov     $1000000000, %ecx
        div     %rcx
        test    %rdi, %rdi
        jz      2f
        mov     %rax, (%rdi)
2:      ret
1:      mov     $201, %eax
        syscall
        ret

        .balign 16
now:                                    /* rax: virtual ns; carry: at or past the limit; r8: PAGE */
        movabs  $PAGE, %r8
        xor     %r9d, %r9d
        cmpq    $0, 48(%r8)
        je      1f
        sub     $24, %rsp
        mov     %rsp, %rsi
        mov     $2, %edi                /* CLOCK_PROCESS_CPUTIME_ID: the filter lets it pass */
        mov     $228, %eax
        syscall
        imul    $1000000000, (%rsp), %r9
        add     8(%rsp), %r9
        add     $24, %rsp
        sub     40(%r8), %r9
1:      mov     8(%r8), %rax
        mov     %rax, %rdx
        lock xadd %rax, 56(%r8)
        add     %rdx, %rax
        add     %r9, %rax
        add     (%r8), %rax
        cmp     16(%r8), %rax
        cmc
        ret
