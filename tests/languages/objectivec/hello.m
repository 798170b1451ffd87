#import <Foundation/Foundation.h>

int main(void) {
    NSAutoreleasePool *pool = [[NSAutoreleasePool alloc] init];
    puts([@"hello" UTF8String]);
    [pool drain];
    return 0;
}
